import type { Host } from "dynreg/contracts/host";

/** No local control: a bare engine has neither pins nor a debugger. */
export function withLocalControl(host: Host): Host {
	return host;
}
