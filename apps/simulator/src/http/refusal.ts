/** Codes of the EVS reference §4.2 and §4.3, and those of ECS for its disks, that this simulator can answer, with their statuses. Messages are our own words. */
const catalogue = {
  'EVS.0001': [400, 'the project id in the path is not the project of the token'],
  'EVS.1001': [400, 'the body of the update is malformed'],
  'EVS.1002': [400, 'the disk id is malformed'],
  'EVS.1003': [400, 'the name is invalid'],
  'EVS.1004': [400, 'the description is invalid'],
  'EVS.1005': [400, 'the metadata is 1 MiB or more'],
  'EVS.1006': [400, 'the backup id is invalid'],
  'EVS.1008': [400, 'the body of the create request is malformed'],
  'EVS.1009': [400, 'the body of the create request is invalid'],
  'EVS.1010': [400, 'the size is invalid'],
  'EVS.1011': [400, 'the body cannot be converted'],
  'EVS.1015': [400, 'the new size must be larger than the old one'],
  'EVS.1016': [400, 'more than one data source is given'],
  'EVS.1018': [400, 'a parameter is of the wrong type'],
  'EVS.1021': [400, 'the batch quantity must be 1 to 100'],
  'EVS.1023': [400, 'limit must be 1 to 1000'],
  'EVS.1024': [400, 'marker must be a UUID'],
  'EVS.1025': [400, 'the metadata filter cannot be decoded'],
  'EVS.1031': [400, 'the status filter is invalid'],
  'EVS.1032': [400, 'the id filter is invalid'],
  'EVS.1034': [400, 'the disk quota is exceeded'],
  'EVS.1036': [400, 'the availability zone does not exist'],
  'EVS.1039': [400, 'sort_key is invalid'],
  'EVS.1040': [400, 'sort_dir must be asc or desc'],
  'EVS.1041': [400, 'the availability zone filter is invalid'],
  'EVS.1042': [400, 'the capacity quota is exceeded'],
  'EVS.1046': [400, 'the status of the disk forbids its deletion'],
  'EVS.1054': [400, 'shareable is invalid'],
  'EVS.1057': [400, 'hw:passthrough must be "true" or "false"'],
  'EVS.1061': [400, 'a disk has at most 10 tags'],
  'EVS.1062': [400, 'a tag is invalid'],
  'EVS.1063': [400, 'full_clone must be "0" or "1"'],
  'EVS.1064': [400, 'the status of the disk forbids its extension'],
  'EVS.1065': [400, 'a shared disk must be available to be extended'],
  'EVS.1066': [400, 'the status of the server forbids the extension'],
  'EVS.2001': [500, 'the job could not be submitted'],
  'EVS.2041': [400, 'the encryption parameters are invalid'],
  'EVS.2045': [400, 'the snapshot id is invalid'],
  'EVS.2046': [400, 'imageRef is invalid'],
  'EVS.2047': [400, 'this metadata may not be updated'],
  'EVS.2053': [400, 'the availability zone is not available'],
  'EVS.2070': [400, 'the disk type does not exist'],
  'EVS.2071': [400, 'the disk type is not offered in the availability zone'],
  'EVS.2072': [400, 'the disk type is sold out in the availability zone'],
  'EVS.2083': [400, 'availability zone or disk type is empty'],
  'EVS.5400': [400, 'the request is invalid'],
  'EVS.5403': [403, 'the metadata is protected'],
  'EVS.5404': [404, 'the resource could not be found'],
  'Ecs.0002': [500, 'the task could not be submitted'],
  'Ecs.0003': [403, 'the project in the path is not the project of the token'],
  'Ecs.0005': [400, 'a parameter is invalid'],
  'Ecs.0017': [400, 'the disk does not meet the requirements for this server'],
  'Ecs.0057': [400, 'the disk is attached to this server already'],
  'Ecs.0100': [400, 'the status of the server does not allow it'],
  'Ecs.0102': [400, 'the status of the disk forbids its detachment'],
  'Ecs.0103': [400, 'the disk does not exist or is not available'],
  'Ecs.0104': [400, 'the server has as many disks as it can have'],
  'Ecs.0111': [400, 'the disk is not attached to this server'],
  'Ecs.0114': [404, 'the server does not exist'],
  'Ecs.0121': [400, 'disk and server are in different availability zones'],
  'Common.0011': [400, 'the job query failed'],
  'Common.0018': [400, 'the project in the path is not the project of the token'],
  'APIG.0101': [404, 'the API does not exist or has not been published'],
  'APIG.0201': [502, 'backend unavailable'],
  'APIG.0301': [401, 'incorrect IAM authentication information'],
  'APIG.0307': [401, 'the token must be renewed'],
  'APIG.0308': [429, 'the throttling threshold has been reached'],
} as const satisfies Record<string, readonly [number, string]>;

export type RefusalCode = keyof typeof catalogue;

/** Why a request was not carried out; how it looks on the wire depends on who answers (`envelope`). */
export class Refusal {
  constructor(
    readonly refused: RefusalCode,
    readonly status: number,
    readonly message: string,
  ) {}
}

export const refuse = (code: RefusalCode, detail?: string, status: number = catalogue[code][0]): Refusal =>
  new Refusal(code, status, detail === undefined ? catalogue[code][1] : `${catalogue[code][1]}: ${detail}`);

/** Told by its class, never by its members: a disk's metadata may have any. */
export const isRefusal = (value: unknown): value is Refusal => value instanceof Refusal;
