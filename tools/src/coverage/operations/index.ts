import { cinderOperations } from './cinder.ts';
import { imageOperations } from './images.ts';
import { nativeOperations } from './native.ts';
import { serverOperations } from './servers.ts';

/** What the page tells, chapter by chapter. */
export const chapters = [
  { title: 'EVS’s own calls', operations: nativeOperations },
  { title: 'Calls as in Cinder', operations: cinderOperations },
  { title: 'Attaching', operations: serverOperations },
  { title: 'Images', operations: imageOperations },
] as const;

export const allOperations = chapters.flatMap(({ operations }) => operations);
