import type { Host } from "../../modules/contracts/host.js";

/** Nobody is at a bare engine: it has neither pins nor a debugger. */
export function attended(host: Host): Host {
	return host;
}
