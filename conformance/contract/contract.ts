/**
 * The promises of `modules/contracts/host.ts`, as cases that run on every host.
 *
 * Neutral: nothing of Node, of a test runner or of the SDK. Run them one after
 * another with the host to be tested and the servers that `servers.ts` has started.
 */

import type { Case } from "./cases/case.js";
import { clock } from "./cases/clock.js";
import { crypto } from "./cases/crypto.js";
import { frozen } from "./cases/frozen.js";
import { hostile } from "./cases/hostile.js";
import { http } from "./cases/http.js";
import { mqtt } from "./cases/mqtt.js";
import { mutual } from "./cases/mutual.js";
import { network } from "./cases/network.js";
import { storage } from "./cases/storage.js";
import { sync } from "./cases/sync.js";
import { tls } from "./cases/tls.js";

export type { Case, Servers } from "./cases/case.js";

export const cases: readonly Case[] = frozen([
	...crypto,
	...storage,
	...clock,
	...sync,
	...network,
	...http,
	...tls,
	...mqtt,
	...mutual,
	...hostile,
]);
