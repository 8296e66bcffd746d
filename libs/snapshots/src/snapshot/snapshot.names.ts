const prefixes = /^(?:auto|manual)bk_snapshot_/;

/** With such names the cloud marks what backups leave; it keeps users away from those snapshots (EVS reference §1.4, §1.7). */
export const isOfBackups = (name: string): boolean => prefixes.test(name);
