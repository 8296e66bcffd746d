export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
export type Service = 'evs' | 'ecs' | 'ims';

/** A test by its title: both must be there. */
export interface Test {
  readonly file: string;
  readonly title: string;
}

export type InStrata =
  /** `commands`: the operationIds of Strata's own API that lead to the call. */
  | {
      readonly kind: 'offered';
      readonly commands: readonly string[];
      readonly tests: readonly Test[];
      readonly remark?: string;
    }
  /** Read on after “not offered because”. */
  | { readonly kind: 'not-offered'; readonly because: string }
  /** Read on after “not yet: waits for”. The adapter may make the call already; then tests show it. */
  | { readonly kind: 'not-yet'; readonly waitsFor: string; readonly tests: readonly Test[] };

/** One call of the cloud. */
export interface CloudOperation {
  /** As in the reference: N5, C6; the section where it numbers none. */
  readonly number: string;
  readonly title: string;
  readonly service: Service;
  readonly method: Method;
  /** As in `/v2/{project_id}/cloudvolumes`; several where the documents name several for the same. */
  readonly paths: readonly string[];
  /** The member of the body that tells calls on one path apart. */
  readonly action?: string;
  readonly strata: InStrata;
}

/** `POST /v2/{project_id}/volumes/{volume_id}/action`, and the action, if one path stands for several. */
export type Call = `${Method} /${string}` | `${Method} /${string} ${string}`;

export const offered = (commands: readonly string[], tests: readonly Test[], remark?: string): InStrata => ({
  kind: 'offered',
  commands,
  tests,
  ...(remark !== undefined && { remark }),
});
export const notOffered = (because: string): InStrata => ({ kind: 'not-offered', because });
export const notYet = (waitsFor: string, ...tests: readonly Test[]): InStrata => ({ kind: 'not-yet', waitsFor, tests });

/** The rows of one service, each as number, title, call or calls, and what Strata does with it. */
export const rowsOf =
  (service: Service) =>
  (number: string, title: string, calls: Call | readonly Call[], strata: InStrata): CloudOperation => {
    const spelled = (typeof calls === 'string' ? [calls] : calls).map((call) => call.split(' '));
    const [[method, , action] = []] = spelled;
    return {
      number,
      title,
      service,
      method: method as Method,
      paths: spelled.map(([, path = '']) => path),
      ...(action !== undefined && { action }),
      strata,
    };
  };
