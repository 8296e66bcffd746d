import type { ProjectId } from '@strata/kernel';
import { execute, type CommandPorts, type WriteCall } from '../execute/execute.js';
import { mayAt, type NoRight } from '../execute/grants.js';
import { planRefused, type Executed } from '../execute/plan.js';
import { foldProject, projectStream } from '../project.resource.js';
import { project, type Limits, type ProjectRefusal } from '../project/index.js';

/**
 * Replaces all limits of a project. Nobody sets limits to themselves: it takes an admin of the parent, or for a root a
 * platform-admin.
 */
export const setLimits = (
  ports: CommandPorts,
  call: WriteCall,
  projectId: ProjectId,
  limits: Limits,
): Promise<Executed<ProjectRefusal | NoRight>> =>
  execute<ProjectRefusal | NoRight>(ports, call, {
    role: 'viewer',
    projectId,
    streams: [projectStream(projectId)],
    decide: ({ project: node, streams: [stream] }) => {
      if (!mayAt(call.caller, 'admin', node?.path.slice(1) ?? [])) {
        return planRefused({ type: 'forbidden', missing: { role: 'admin', projectId: null, relation: 'parent' } });
      }
      const decision = project.decide({ type: 'SetLimits', limits }, foldProject(stream));
      if (!decision.accepted) return decision;
      const expectedVersion = stream?.version ?? 0;
      return {
        accepted: true,
        streams: [{ stream: projectStream(projectId), projectId, expectedVersion, events: decision.events }],
        changes: [{ change: 'limits-set', node: projectId, limits }],
        answer: { projectId },
      };
    },
  });
