/**
 * The promises of `modules/contracts/host.ts`, as cases that run on every host.
 *
 * Neutral: nothing of Node, of a test runner or of the SDK. Run them one after
 * another with the host to be tested and the servers that `servers.ts` has started.
 */

import { acknowledgements } from "./cases/acknowledgements.js";
import { ahead } from "./cases/ahead.js";
import type { ContractCase } from "./cases/case.js";
import { clock } from "./cases/clock.js";
import { crypto } from "./cases/crypto.js";
import { deepFreeze } from "./cases/deep-freeze.js";
import { hostile } from "./cases/hostile.js";
import { http } from "./cases/http.js";
import { mqtt } from "./cases/mqtt.js";
import { mtls } from "./cases/mtls.js";
import { network } from "./cases/network.js";
import { resumption } from "./cases/resumption.js";
import { setup } from "./cases/setup.js";
import { storage } from "./cases/storage.js";
import { sync } from "./cases/sync.js";
import { tls } from "./cases/tls.js";

export type { ContractCase as Case, Servers } from "./cases/case.js";

export const contractCases: readonly ContractCase[] = deepFreeze([
	...crypto,
	...storage,
	...setup,
	...clock,
	...sync,
	...network,
	...http,
	...tls,
	...mqtt,
	...acknowledgements,
	...mtls,
	...resumption,
	...ahead,
	...hostile,
]);
