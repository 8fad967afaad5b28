/** The board on the bare XS engine. */

import { createHost, readConfiguration } from "dynreg/host";
import { startOutboxBoard } from "./numbered.js";

startOutboxBoard(createHost(), readConfiguration());
