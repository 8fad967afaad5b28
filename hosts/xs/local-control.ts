import type { Host } from "dynreg/contracts/host";

/** Nobody is at a bare engine: it has neither pins nor a debugger. */
export function attended(host: Host): Host {
	return host;
}
