/** DIAG-15: `<mac>_<YYYY.MM.DD>_<hhmmss>.pcap`, in UTC. The phone may pack it; what is handed out is unpacked. */
export function captureName(key: string, at: number): string {
  const [date = '', time = ''] = new Date(at).toISOString().split('T');
  return `${key}_${date.replaceAll('-', '.')}_${time.slice(0, 8).replaceAll(':', '')}.pcap`;
}
