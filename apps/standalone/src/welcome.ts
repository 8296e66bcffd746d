import type { Standalone } from './standalone.js';

/** What the terminal shows once everything is ready; the request can be pasted as it stands. */
export const welcome = ({ credentials, dataDir }: Standalone): string => {
  const { apiUrl, simulatorUrl, tokens, projects } = credentials;
  return `
Strata is ready.

  API        ${apiUrl}    (documentation: ${apiUrl}/docs)
  simulator  ${simulatorUrl}
  data       ${dataDir}  (tokens: ${dataDir}/credentials.json)

  project alpha  ${projects.alpha}
  project beta   ${projects.beta}
  project root   ${projects.root}

Request a disk in project alpha:

  curl -sS -X POST ${apiUrl}/v1/projects/${projects.alpha}/disks \\
    -H 'Authorization: Bearer ${tokens.alpha}' \\
    -H 'Content-Type: application/json' \\
    -d '{"name":"first","sizeGiB":20,"type":"SSD","availabilityZone":"eu-de-01"}'

Ctrl-C stops everything; the next start goes on where this one ended.
`;
};
