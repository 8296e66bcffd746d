import type { Cloud } from '../cloud.js';
import type { Call, Route } from '../http/call.js';
import type { Answer } from '../http/envelope.js';
import { isUuid } from '../http/read.js';
import { isRefusal, refuse, type Refusal } from '../http/refusal.js';
import { visibilityTo } from '../world/image.js';
import { queryImages, type ImagePage } from './image-query.js';
import { imageView } from './image-view.js';

/** Images (EVS reference §6). No path names a project: it is that of the token. */
export const imageRoutes = (cloud: Cloud): readonly Route[] => [
  {
    operation: 'images.list',
    method: 'GET',
    paths: ['/ims/v2/cloudimages'],
    surface: 'ims',
    auth: 'token',
    handle: (call) => {
      const page = queryImages(cloud.world, call, { form: 'native', defaultLimit: 500 });
      return isRefusal(page) ? page : { status: 200, body: { images: page.images } };
    },
  },
  {
    operation: 'images.listGlance',
    method: 'GET',
    paths: ['/ims/v2/images'],
    surface: 'ims',
    auth: 'token',
    handle: (call) => {
      const page = queryImages(cloud.world, call, { form: 'glance', defaultLimit: 25 });
      return isRefusal(page) ? page : { status: 200, body: glancePage(call, page) };
    },
  },
  {
    operation: 'images.get',
    method: 'GET',
    paths: ['/ims/v2/images/:imageId'],
    surface: 'ims',
    auth: 'token',
    handle: (call) => show(cloud, call),
  },
];

const glancePage = ({ query }: Call, { images, more }: ImagePage) => {
  const { marker: _marker, ...asked } = query;
  const last = images.at(-1);
  return {
    images,
    schema: '/v2/schemas/images',
    first: pathOf(asked),
    ...(more && last ? { next: pathOf({ ...asked, marker: last.id }) } : {}),
  };
};

const pathOf = (query: Call['query']): string => {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) parameters.set(key, value);
  return parameters.size === 0 ? '/v2/images' : `/v2/images?${parameters.toString()}`;
};

const show = ({ world }: Cloud, { params, token }: Call): Answer | Refusal => {
  const id = params['imageId'] ?? '';
  if (token?.projectId == null) return refuse('IMG.0087', 'the token is not of a project');
  if (!isUuid(id)) return refuse('IMG.0066', id);
  const image = world.images.get(id);
  const visibility = image && visibilityTo(image, token.projectId);
  return image && visibility ? { status: 200, body: imageView(image, visibility) } : refuse('IMG.0027', id);
};
