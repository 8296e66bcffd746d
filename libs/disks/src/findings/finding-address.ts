import type { ViewStore } from '@strata/event-store';
import { problem, type Caller } from '@strata/http';
import { BindingId, FindingId, ProjectId, type StreamId } from '@strata/kernel';
import { seesEverything, sightOf } from '@strata/projects';
import { z } from 'zod';
import { findingStream } from '../finding/index.js';
import { findingsView } from './findings.projection.js';

/** The address of a finding. */
export const findingParams = z.strictObject({ bindingId: BindingId, findingId: FindingId });

/** Where what is known of a finding stands. */
export interface FindingPlace {
  readonly stream: StreamId;
  /** That its stream belongs to: a project, or the node of the binding. */
  readonly projectId: ProjectId;
  readonly cloudId: string;
}

/**
 * Whoever names a finding has read it in the view; what it is now is told by its stream.
 * @throws the problem `not-found`, also for those who do not see everything
 */
export const placeOf = async (
  views: ViewStore,
  caller: Caller,
  { bindingId, findingId }: z.infer<typeof findingParams>,
): Promise<FindingPlace> => {
  if (!seesEverything(caller)) throw problem('not-found');
  const found = await views.get({ view: findingsView, sight: sightOf(caller), key: findingId });
  if (found?.row.bindingId !== bindingId) throw problem('not-found');
  const { cloudId, projectId } = found.row;
  return { stream: findingStream(bindingId, cloudId), projectId: ProjectId.parse(projectId), cloudId };
};
