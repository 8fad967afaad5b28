/** The firmware: the host that this image is built for, its configuration, and off it goes. */

import { createHost, readConfiguration } from "dynreg/host";
import { start } from "dynreg/start";

// A configuration that cannot be read has been logged by then, and there is nothing left to try.
start(createHost(), readConfiguration()).catch(() => {});
