import { listQuery, pageOf, route, type Fields, type ListOptions } from '@strata/http';
import { ProjectId } from '@strata/kernel';
import { z } from 'zod';

/** What lies in projects is listed twice: over all that the caller may view, and in one. */
export interface ListedInProjects<SortField extends string, Filters extends Fields, Ranges extends Fields> {
  /** In the plural, as the path writes it: `disks`. */
  readonly resources: string;
  /** That of the list over all projects: `listDisks`. The other one is `listDisksOfProject`. */
  readonly operationId: string;
  readonly description?: string;
  readonly item: z.ZodType;
  readonly query: ListOptions<SortField, Filters, Ranges> & { readonly filters: Filters };
}

/** Declares both lists alike; the one over all projects can be filtered by `projectId` too. */
export const listRoutes = <const SortField extends string, Filters extends Fields, Ranges extends Fields>({
  resources,
  operationId,
  description,
  item,
  query,
}: ListedInProjects<SortField, Filters, Ranges>) => {
  const declared = {
    method: 'GET',
    tag: resources,
    access: 'authenticated',
    answers: { 200: pageOf(item) },
    ...(description === undefined ? {} : { description }),
  } as const;
  return {
    ofAll: route({
      ...declared,
      path: `/v1/${resources}`,
      operationId,
      summary: `The ${resources} of all projects that the caller may view`,
      query: listQuery({ ...query, filters: { ...query.filters, projectId: ProjectId } }),
    }),
    ofProject: route({
      ...declared,
      path: `/v1/projects/:projectId/${resources}`,
      operationId: `${operationId}OfProject`,
      summary: `The ${resources} of a project`,
      params: z.strictObject({ projectId: ProjectId }),
      query: listQuery(query),
    }),
  };
};
