import { Controller } from '@nestjs/common';
import { imageFormats, imageSystems } from '@strata/cloud';
import { EventStore, QuotaLedger } from '@strata/event-store';
import { route, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { operationAnswers, OperationAnswers } from '@strata/operations/http';
import { z } from 'zod';
import { diskCommandProblems, diskParams } from '../disk-route.js';
import { refusalsOfDisks } from '../disk.problems.js';
import { ImageName } from '../disk.schemas.js';
import { imageDisk } from './image-disk.js';

const declaration = route({
  method: 'POST',
  path: '/v1/projects/:projectId/disks/:diskId/image',
  operationId: 'imageDisk',
  summary: 'Make an image of a disk',
  description:
    'A private image of the cloud project, which all projects of the binding see. The disk is busy meanwhile; one that is in use ' +
    'needs stopped servers. It is asked of the cloud once: when the answer is lost and no look shows the image, the operation ' +
    'fails with `outcome-unknown`. `result.imageId` is the image, which can be a `source` once `GET …/images` lists it.',
  tag: 'disks',
  access: 'authenticated',
  params: diskParams,
  body: z.strictObject({
    name: ImageName,
    format: z.enum(imageFormats).default('zvhd2'),
    /** Counts where the disk does not say itself which it has. */
    os: z.enum(imageSystems).default('linux'),
  }),
  answers: operationAnswers,
  problems: [...diskCommandProblems],
});

@Controller()
export class ImageDiskController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
    private readonly answers: OperationAnswers,
  ) {}

  @Route(declaration)
  async image(@Input() input: InputOf<typeof declaration>): Promise<Answer> {
    const { store, ledger } = this;
    const executed = await imageDisk({ store, ledger }, input, { ...input.params, ...input.body });
    return this.answers.answer(input, executed, refusalsOfDisks);
  }
}
