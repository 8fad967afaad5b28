/**
 * The cases on a board or in the simulator. The desktop's address comes with the configuration, as `coordinator`:
 * "http://host:port". Without one the clock's reading is traced, as `{"clock":…}`.
 */

import type { RawConfiguration } from "dynreg/contracts/cloud";
import { createHost, readConfiguration } from "dynreg/host";
import { runAssignments } from "dynreg-conformance/device/runner";

const { coordinator }: RawConfiguration = readConfiguration();

if (coordinator) runAssignments(createHost());
else trace(`${JSON.stringify({ clock: createHost().clock.now() ?? "unknown" })}\n`);
