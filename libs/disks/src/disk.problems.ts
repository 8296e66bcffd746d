import { defineProblems, platformProblems } from '@strata/http';
import { sourceProblems } from './request-disk/source.problems.js';

/** Of snapshots that Strata did not make: neither a deletion here nor a cascade takes them. */
const foreignFirst =
  'Strata did not make {foreign}, and deletes them neither alone nor with the disk: have two platform admins approve their ' +
  'removal (`…/findings` of the disk lists what to approve), or delete them in the cloud.';

const ofDisks = defineProblems({
  'project-without-cloud': {
    status: 409,
    title: 'The project has no cloud to place disks in',
    explanation:
      'A disk lies in the cloud of the binding that its project was made with. This project has none. Use a project that ' +
      'has one, or have the platform team make one.',
    detail: 'Neither the project nor one above it had a binding when it was made: use a project with a binding.',
    retryable: false,
  },
  'disk-busy': {
    status: 409,
    title: 'An operation works on the disk, or it is offered to another project',
    explanation:
      'A disk has at most one open operation, and none while it is offered. `blockers` names the operation or the transfer: wait ' +
      'for its end, cancel the operation if it can be cancelled, delete the transfer.',
    detail: 'Wait for the end of {blockers}, or cancel it.',
    retryable: true,
  },
  'disk-attached': {
    status: 409,
    title: 'The disk is attached to a server',
    explanation:
      'A disk that is in use is neither deleted nor offered to another project, nor attached to another server unless it is ' +
      'shareable. `blockers` names the servers: detach it from each and try again. Where that was done in the cloud itself, refresh the disk first.',
    detail: 'Detach the disk first from {blockers}.',
    retryable: false,
  },
  'deletion-locked': {
    status: 409,
    title: 'The disk is locked against deletion',
    explanation:
      'Somebody has put a lock on the disk, so that nobody deletes it by mistake. `blockers` names who, since when and why. An ' +
      'admin of the project can lift it: `DELETE …/deletion-lock`.',
    detail: 'The disk was locked by {blockers}. An admin of the project has to lift the lock first.',
    retryable: false,
  },
  'has-snapshots': {
    status: 409,
    title: 'The disk has snapshots',
    explanation:
      'The cloud deletes the snapshots of a disk together with it, and hands over no disk that has any. So that none is lost ' +
      'unnoticed, a disk is deleted, or offered to another project, only when it has none, and none is being made. `blockers` ' +
      'names them: delete each first. Only where the disk itself is to be deleted, `cascade=true` deletes them with it. ' +
      'Not so those that Strata did not make, `foreign`: they are named by their ids in the cloud, and are removed when two ' +
      'platform admins have approved that of their findings, or in the cloud. The next sweep sees then that they are gone.',
    detail: [foreignFirst, 'Delete first {blockers}.'],
    retryable: false,
  },
  'snapshot-stuck': {
    status: 409,
    title: 'The cloud could not delete a snapshot, and only its vendor can mend that',
    explanation:
      'A snapshot with `cloud.status` `error_deleting` takes no request: neither it nor its disk can be deleted. `blockers` ' +
      'names such snapshots. `GET /v1/operations/{operationId}/support` of the deletion that failed has the `text` for a ' +
      'ticket. The next sweep after it was mended, or is gone, sees that.',
    detail: 'Only the vendor of the cloud can mend these: {blockers}.',
    retryable: false,
  },
  'snapshots-not-deletable': {
    status: 409,
    title: 'Something works on snapshots of the disk',
    explanation:
      'A cascade deletes the snapshots of a disk first. `blockers` names what stands against that: operations that work on ' +
      'them, disks that are being made from them, or snapshots that are not there any more. Wait for their end, or ask again.',
    detail: 'Wait for the end of {blockers}.',
    retryable: true,
  },
  'plan-changed': {
    status: 409,
    title: 'What would be done is not what the plan said',
    explanation:
      'Since the plan was made whose `planHash` was sent, things have changed: the disk to be deleted has other snapshots, or the ' +
      'disks to be imported are others, or of another size, name or tags. Ask for the plan again with `validateOnly=true`; ' +
      '`planHash` is the one that it has now.',
    detail: 'Ask for the plan again: its hash is {planHash} now.',
    retryable: false,
  },
  'disk-not-transferable': {
    status: 409,
    title: 'The disk cannot be handed over to another project',
    explanation:
      'The cloud hands over neither encrypted disks nor system disks. `blockers` says what stands against it. Take its data ' +
      'elsewhere in another way: by an image or a backup, say.',
    detail: 'The disk cannot be handed over: {blockers}.',
    retryable: false,
  },
  'snapshot-leaving': {
    status: 409,
    title: 'A snapshot of the disk is being deleted',
    explanation:
      'The type of a disk is not changed while one of its snapshots is being deleted. `blockers` names them: wait until they ' +
      'are gone.',
    detail: 'Wait until these are gone: {blockers}.',
    retryable: true,
  },
  'too-many-snapshots': {
    status: 409,
    title: 'The disk has as many snapshots as it can have',
    explanation: 'The cloud keeps `most` snapshots of one disk, those that are being made included. Delete one first.',
    detail: 'A disk can have {most} snapshots: delete one first.',
    retryable: false,
  },
  'made-from-source': {
    status: 409,
    title: 'The disk was made from something',
    explanation:
      'A disk that is gone is made anew as an empty one. This one began with a snapshot, an image or a backup, or came from ' +
      'another project, of which only that one may know with what it began: delete it and request one from that source.',
    detail: 'It would be empty: delete it, and request a disk from its source instead.',
    retryable: false,
  },
  'attach-not-offered': {
    status: 409,
    title: 'Disks are not attached to servers in the cloud of the project',
    explanation:
      'The binding of the project leads to a cloud whose servers Strata does not speak with, or names no service of servers ' +
      '(`endpoints.ecs`, which the platform team can add). Attach and detach with the tools of that cloud; `attachments` of ' +
      'the disk shows it afterwards, at once when the disk is refreshed.',
    detail: 'Attach and detach with the tools of the cloud, and refresh the disk then.',
    retryable: false,
  },
  'already-attached': {
    status: 409,
    title: 'The disk is attached to this server already',
    explanation:
      'There is nothing left to do: `device` is the name that the server gave to the disk, where it is known.',
    detail: 'The disk is attached to the server {serverId} already.',
    retryable: false,
  },
  'not-attached': {
    status: 409,
    title: 'The disk is not attached to this server',
    explanation:
      'As far as Strata knows. `attachments` of the disk lists the servers that it is attached to; if it was attached in the ' +
      'cloud itself, refresh the disk first.',
    detail: 'The disk is not attached to the server {serverId}.',
    retryable: false,
  },
  'too-many-servers': {
    status: 409,
    title: 'The disk is attached to as many servers as it can be',
    explanation: 'A shareable disk can be attached to `most` servers at a time. Detach it from one of them first.',
    detail: 'A disk can be attached to {most} servers at a time.',
    retryable: false,
  },
  'disk-not-ready': {
    status: 409,
    title: 'The state of the disk does not allow this',
    explanation:
      '`diskStatus` is its state, `allowed` what can be asked of it now; the same stands in `allowedActions` of the disk. If ' +
      'it was brought into another state in the cloud itself, refresh it first.',
    detail: 'The disk is {diskStatus}; what can be asked of it now: {allowed}.',
    retryable: false,
  },
  'size-not-larger': {
    status: 409,
    title: 'A disk can only grow',
    explanation: 'The size asked for must be larger than the size that the disk has. No disk can be made smaller.',
    detail: 'The disk has {sizeGiB} GiB, {requestedGiB} GiB are asked for: ask for more than {sizeGiB}.',
    retryable: false,
  },
  'disk-too-large': {
    status: 409,
    title: 'The disk would be larger than a disk can be',
    explanation:
      'One disk may have at most `largestGiB`: that is what the cloud can make of it, a system disk less than a data disk. ' +
      'Ask for less. What a project or its cloud allows a disk beneath that is `quota-exceeded` or `cloud-quota-exceeded` in ' +
      '`per_disk_gigabytes`.',
    detail: '{requestedGiB} GiB are asked for, this disk can have {largestGiB} GiB.',
    retryable: false,
  },
  'disk-type-unchanged': {
    status: 409,
    title: 'The disk has this type already',
    explanation: 'There is nothing left to do: the type asked for is the type of the disk.',
    detail: 'The disk is of type {diskType} already.',
    retryable: false,
  },
  'retype-not-possible': {
    status: 409,
    title: 'A disk of this type cannot become one of that type',
    explanation:
      'EVS changes SATA to any other type, SAS to GPSSD, SSD or ESSD, and these three among each other, never back to ' +
      'SAS or SATA. `possible` lists what the disk can become. For another type make a new disk and copy what is on it.',
    detail: 'A disk of type {fromType} cannot become {toType}, only: {possible}.',
    retryable: false,
  },
  'too-many-tags': {
    status: 409,
    title: 'The disk would have too many tags',
    explanation:
      'The cloud keeps ten tags per disk, and one of them is Strata’s. So nine remain, counted after the change. Remove one ' +
      'by setting it to null.',
    detail: 'A disk may have {most} tags, counted after the change: set one to null.',
    retryable: false,
  },
  'metadata-too-large': {
    status: 409,
    title: 'The metadata of the disk would be too large',
    explanation: 'All keys and values together, after the change, must stay below `mostBytes` bytes.',
    detail: 'Keys and values would have {bytes} bytes after the change, {mostBytes} are the most.',
    retryable: false,
  },
  'availability-zone-unknown': {
    status: 400,
    title: 'The cloud has no such availability zone',
    explanation: '`known` lists those that it has. They also stand at `/v1/projects/{project}/availability-zones`.',
    detail: 'The cloud has these zones: {known}.',
    retryable: false,
  },
  'availability-zone-unavailable': {
    status: 409,
    title: 'The availability zone takes nothing at the moment',
    explanation: 'The cloud shows the zone as not available. Choose another one, or wait.',
    detail: 'The cloud shows {availabilityZone} as not available: choose another zone, or wait.',
    retryable: true,
  },
  'disk-type-unknown': {
    status: 400,
    title: 'The cloud has no such disk type',
    explanation: '`known` lists those that it has. They also stand at `/v1/projects/{project}/disk-types`.',
    detail: 'The cloud has these disk types: {known}.',
    retryable: false,
  },
  'disk-type-not-offered': {
    status: 409,
    title: 'The disk type is not offered in this availability zone',
    explanation: '`offeredIn` lists the zones that offer it. Choose one of them, or another type.',
    detail: '{diskType} is not offered in {availabilityZone}, but in: {offeredIn}.',
    retryable: false,
  },
  'disk-type-sold-out': {
    status: 409,
    title: 'The disk type is sold out in this availability zone',
    explanation: 'Choose another zone or another type, or wait until the cloud offers it again.',
    detail: '{diskType} is sold out in {availabilityZone}: choose another type or zone, or wait.',
    retryable: true,
  },
});

/** What the commands of disks may be refused with. */
export const diskProblems = { ...ofDisks, ...sourceProblems };

const { 'not-found': notFound, 'invalid-request': invalidRequest } = platformProblems;

/** With those that every resource has. */
export const refusalsOfDisks = { ...diskProblems, 'not-found': notFound, 'invalid-request': invalidRequest };

/** Whoever deletes a disk may have its snapshots deleted with it; whoever wants to keep it is not told of that way. */
export const refusalsOfDeletion = {
  ...refusalsOfDisks,
  'has-snapshots': {
    ...ofDisks['has-snapshots'],
    detail: [foreignFirst, 'Delete first {blockers}, or all together with `cascade=true`.'],
  },
};
