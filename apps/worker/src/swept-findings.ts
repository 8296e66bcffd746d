import type { FindingRow, findingsView, SweptFinding } from '@strata/disks';
import { everything, type ViewCursor, type ViewStore } from '@strata/event-store';

const pageSize = 500;

/** The findings of a binding that are not resolved, as the view shows them, oldest first. */
export async function* sweptFindingsOf(
  views: ViewStore,
  view: typeof findingsView,
  bindingId: string,
): AsyncGenerator<readonly SweptFinding[]> {
  const sort = { by: 'firstSeenAt', direction: 'asc' } as const;
  const where = { bindingId: [bindingId], status: ['open', 'ignored', 'adopting'] };
  let after: ViewCursor | undefined;
  do {
    const page = await views.list({ view, sight: everything, where, sort, after, limit: pageSize });
    yield page.rows.map(sweptFinding);
    after = page.next ?? undefined;
  } while (after !== undefined);
}

const sweptFinding = ({ doc }: FindingRow): SweptFinding => {
  const { cloud, resource, projectId, diskId, kind, evidence, ownerGuess, ignoredUntil, removal } = doc;
  const removalExpiresAt = removal?.status === 'requested' ? removal.expiresAt : null;
  return { cloudId: cloud.id, resource, projectId, diskId, kind, evidence, ownerGuess, ignoredUntil, removalExpiresAt };
};
