import type { CloudFault, RefusalReason } from '../disk-cloud.js';

/** What became of one call, read from the HTTP exchange. Only `unclear` leaves open whether a write took effect. */
export type Outcome =
  | { readonly kind: 'answered'; readonly json: unknown; readonly requestId: string | null }
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly fault: CloudFault }
  | { readonly kind: 'token-rejected'; readonly fault: CloudFault; readonly retryAfterMs: number | null }
  | { readonly kind: 'throttled'; readonly fault: CloudFault; readonly retryAfterMs: number | null }
  | { readonly kind: 'nothing-happened'; readonly fault: CloudFault; readonly retryAfterMs: number | null }
  | { readonly kind: 'unclear'; readonly fault: CloudFault };

/** A fault that the cloud did not tell itself. */
export const ownFault = (code: string, message: string, requestId: string | null = null): CloudFault => ({
  code,
  message,
  requestId,
});
