import { seedImages, type Image } from './image.js';
import type { Transition } from './volume.js';

export type ImageChange =
  | { readonly kind: 'image'; readonly image: Image }
  | { readonly kind: 'image-removed'; readonly imageId: string }
  /** All images of the region, in place of those that it had. */
  | { readonly kind: 'images'; readonly images: readonly Image[] };

/** The images of the region; whose each is stands in it. */
export class ImageShelf {
  private byId = idsOf(seedImages);

  get(id: string): Image | undefined {
    return this.byId.get(id);
  }

  all(): readonly Image[] {
    return [...this.byId.values()];
  }

  apply(change: ImageChange): void {
    switch (change.kind) {
      case 'image':
        this.byId.set(change.image.id, change.image);
        return;
      case 'image-removed':
        this.byId.delete(change.imageId);
        return;
      case 'images':
        this.byId = idsOf(change.images);
    }
  }

  /** An image is there, or killed, when its disk has been read. */
  hear(transition: Transition, endMs: number): void {
    const image = transition.kind === 'upload' ? this.byId.get(transition.imageId) : undefined;
    if (image?.status !== 'saving') return;
    const status = transition.outcome.type === 'success' ? 'active' : 'killed';
    this.byId.set(image.id, { ...image, status, updatedMs: endMs });
  }

  /** Those that are there from the start. */
  reset(): void {
    this.byId = idsOf(seedImages);
  }
}

const idsOf = (images: readonly Image[]): Map<string, Image> => new Map(images.map((image) => [image.id, image]));
