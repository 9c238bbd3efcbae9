import ipaddr from 'ipaddr.js'

/** The mask that one household or office has in IPv6: counted by address, anybody would have 2^64 tries. */
const IPV6_NETWORK_BITS = 64

/**
 * Whom limits by network count together: an IPv4 address, or the network of an IPv6 one.
 * @param given as the connection or a proxy tells it; some proxies add the port
 */
export function networkOf(given: string): string {
  const address = /^\[([^\]]+)\](?::\d+)?$|^([\d.]+):\d+$/.exec(given)?.slice(1).find(Boolean) ?? given
  if (!ipaddr.isValid(address)) return address
  const parsed = ipaddr.process(address)
  return parsed.kind() === 'ipv4'
    ? parsed.toString()
    : ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/${IPV6_NETWORK_BITS}`).toString()
}
