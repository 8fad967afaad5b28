import { createHost, readConfiguration } from "dynreg/host";
import { startOutboxBoard } from "dynreg-test/outbox/numbered";

startOutboxBoard(createHost(), readConfiguration());
