/** What the simulated region offers: zones, disk types, and where each is sold. */
export interface VolumeType {
  readonly id: string;
  readonly name: string;
  /** Zones in which the type exists, also where it is sold out. */
  readonly zones: readonly string[];
  readonly soldOutIn: readonly string[];
}

export const seedZones: readonly string[] = ['eu-de-01', 'eu-de-02', 'eu-de-03'];

/** SATA is on its way out: not offered in one zone, sold out in another (EVS reference §1.9 dates its end of sale). */
export const seedTypes: readonly VolumeType[] = [
  {
    id: '7c1e94a2-0b5d-4f38-9d61-2a8e5f70c3b4',
    name: 'SATA',
    zones: ['eu-de-01', 'eu-de-02'],
    soldOutIn: ['eu-de-02'],
  },
  { id: '40e7a3d9-1c6b-4f82-9b05-e7d2f4a8c613', name: 'SAS', zones: seedZones, soldOutIn: [] },
  { id: 'd3a05b76-9e42-4c1f-8b7d-61f0e2c94a58', name: 'GPSSD', zones: seedZones, soldOutIn: [] },
  { id: 'b84c6d01-3f7e-4a95-8e62-c0d91b5f27a4', name: 'SSD', zones: seedZones, soldOutIn: [] },
  { id: '15f8c2e7-64ab-4d09-a3c1-9b0d7e52f846', name: 'ESSD', zones: ['eu-de-01', 'eu-de-02'], soldOutIn: [] },
];
