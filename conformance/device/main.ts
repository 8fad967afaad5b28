/**
 * The cases on a board or in the simulator. The desktop's address comes with the configuration, as `conductor`:
 * "http://host:port". Without one the clock's reading is traced, as `{"clock":…}`.
 */

import type { RawConfiguration } from "dynreg/contracts/cloud";
import { createHost, readConfiguration } from "dynreg/host";
import { obey } from "dynreg-conformance/device/runner";

const { conductor }: RawConfiguration = readConfiguration();

if (conductor) obey(createHost());
else trace(`${JSON.stringify({ clock: createHost().clock.now() ?? "unknown" })}\n`);
