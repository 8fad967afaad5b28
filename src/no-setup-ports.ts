/** What `dynreg/setup/ports` is in Node, which has no access point: pass the ports of `@dynreg/node` to `withSetup`. */

import type { RawConfiguration } from "../modules/contracts/cloud.js";
import type { SetupHost } from "../modules/contracts/setup.js";

export const createSetupPorts = (_configuration: RawConfiguration): SetupHost => {
	throw new Error("There is no access point here. Pass ports to withSetup.");
};
