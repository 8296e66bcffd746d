/** What the processes of Strata run on at least. */
const oldestNode = 22;

/** Why this Node.js cannot run Strata; undefined where it can. */
export const runtimeFault = (version: string): string | undefined =>
  Number(version.split('.')[0]) < oldestNode
    ? `This is Node.js ${version}: Strata runs on ${oldestNode} and newer. npm brings one along: start it by "npm start".`
    : undefined;
