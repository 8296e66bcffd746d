import { defineProblems } from '@strata/http';

/** What any command that charges quota may be answered with. */
export const commandProblems = defineProblems({
  'quota-exceeded': {
    status: 409,
    title: 'The quota does not allow this',
    explanation:
      'The project, or a project above it, would pass its limit in `dimension`: `requested` more are asked for, `missing` ' +
      'are not there; in `per_disk_gigabytes`, which bounds one disk, `requested` is its size. `level` tells where; with its figures if the caller may view it, else only how far up. Free some ' +
      '(of a bound on one disk: ask for less), or ask an admin of the parent for a higher limit.',
    detail: [
      '{requested} more {dimension} are asked for, {missing} more than project {level.projectId} has left: its limit is {level.limit}, of which {level.used} are used, {level.held} held and {level.releasing} being released.',
      '{requested} more {dimension} are asked for, {missing} more than a project {level.distance} above has left.',
    ],
    retryable: false,
  },
  'cloud-quota-exceeded': {
    status: 409,
    title: 'The cloud does not grant enough',
    explanation:
      'The limit of the cloud project itself, minus what others use there, would be passed in `dimension`. Free some, or ' +
      'ask the platform team to have the cloud project’s quota raised.',
    detail: '{requested} more {dimension} are asked for, {missing} more than the cloud has left for this binding.',
    retryable: false,
  },
});
