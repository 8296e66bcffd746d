import { defineProblems, platformProblems } from '@strata/http';

/** What the commands of disks may be refused with. */
export const diskProblems = defineProblems({
  'project-without-cloud': {
    status: 409,
    title: 'The project has no cloud to place disks in',
    explanation:
      'A disk lies in the cloud of the binding that its project was made with. This project has none. Use a project that ' +
      'has one, or have the platform team make one.',
    retryable: false,
  },
  'disk-busy': {
    status: 409,
    title: 'An operation works on the disk',
    explanation:
      'A disk has at most one open operation. `blockers` names it: wait for its end, or cancel it if it can be cancelled.',
    retryable: true,
  },
  'disk-attached': {
    status: 409,
    title: 'The disk is attached to a server',
    explanation:
      'A disk that is in use cannot be deleted. `blockers` names the servers: detach it from each, refresh the disk, try again.',
    retryable: false,
  },
  'disk-not-ready': {
    status: 409,
    title: 'The state of the disk does not allow this',
    explanation:
      '`diskStatus` is its state, `allowed` what can be asked of it now; the same stands in `allowedActions` of the disk. If ' +
      'it was brought into another state in the cloud itself, refresh it first.',
    retryable: false,
  },
  'size-not-larger': {
    status: 409,
    title: 'A disk can only grow',
    explanation: 'The size asked for must be larger than the size that the disk has. No disk can be made smaller.',
    retryable: false,
  },
  'disk-too-large': {
    status: 409,
    title: 'The disk would be larger than a disk may be here',
    explanation:
      'One disk may have at most `largestGiB`: the bound `per_disk_gigabytes` of the project, of one above it, or of the ' +
      'cloud, else what the cloud can make at all. Ask for less, or for a higher bound.',
    retryable: false,
  },
  'too-many-tags': {
    status: 409,
    title: 'The disk would have too many tags',
    explanation:
      'The cloud keeps ten tags per disk, and one of them is Strata’s. So nine remain, counted after the change. Remove one ' +
      'by setting it to null.',
    retryable: false,
  },
  'metadata-too-large': {
    status: 409,
    title: 'The metadata of the disk would be too large',
    explanation: 'All keys and values together, after the change, must stay below `mostBytes` bytes.',
    retryable: false,
  },
  'availability-zone-unknown': {
    status: 400,
    title: 'The cloud has no such availability zone',
    explanation: '`known` lists those that it has. They also stand at `/v1/projects/{project}/availability-zones`.',
    retryable: false,
  },
  'availability-zone-unavailable': {
    status: 409,
    title: 'The availability zone takes nothing at the moment',
    explanation: 'The cloud shows the zone as not available. Choose another one, or wait.',
    retryable: true,
  },
  'disk-type-unknown': {
    status: 400,
    title: 'The cloud has no such disk type',
    explanation: '`known` lists those that it has. They also stand at `/v1/projects/{project}/disk-types`.',
    retryable: false,
  },
  'disk-type-not-offered': {
    status: 409,
    title: 'The disk type is not offered in this availability zone',
    explanation: '`offeredIn` lists the zones that offer it. Choose one of them, or another type.',
    retryable: false,
  },
  'disk-type-sold-out': {
    status: 409,
    title: 'The disk type is sold out in this availability zone',
    explanation: 'Choose another zone or another type, or wait until the cloud offers it again.',
    retryable: true,
  },
});

/** With those that every resource has. */
export const refusalsOfDisks = { ...diskProblems, 'not-found': platformProblems['not-found'] };
