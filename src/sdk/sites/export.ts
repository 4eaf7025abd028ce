/** Sites as a table that imports as unchanged; with `manual` the columns of the manual only (CSV-02). */
import { formatSubnets } from '../../domain/subnets-json.ts';
import type { OperationContext } from '../context.ts';
import { writeTable } from '../csv/write.ts';
import type { ExportInput } from '../imports/export-fields.ts';
import { inBatches } from '../imports/export-fields.ts';
import type { SiteRecord } from '../ports/sites.ts';

const OWN = [
  'site_name',
  'parent',
  'description',
  'location_name',
  'subnets',
  'provisioning',
  'auto_add',
  'download_path',
  'time_zone',
  'office_hours',
];
const MANUAL = ['site_name', 'description', 'location_name', 'subnets'];

export async function* exportSites(
  context: OperationContext,
  { format, search, ...options }: ExportInput & { readonly format?: 'own' | 'manual' | undefined },
): AsyncGenerator<string> {
  const manual = format === 'manual';
  const cells = (site: SiteRecord): readonly string[] => {
    const subnets = site.subnets.length === 0 ? '' : formatSubnets(site.subnets);
    if (manual) return [site.name, site.description, site.location, subnets];
    return [
      site.name,
      site.parent ?? '',
      site.description,
      site.location,
      subnets,
      site.provisioning,
      site.autoAdd ? 'yes' : 'no',
      site.downloadPath ?? '',
      site.timeZone ?? '',
      site.officeHours ?? '',
    ];
  };
  const rows = context.read.sites.list({ scope: context.scope, search });
  yield* writeTable(manual ? MANUAL : OWN, inBatches(rows, cells), options);
}
