/** The firmware: the host that this image is built for, its configuration, somebody at the board, and off it goes. */

import { attended } from "dynreg/attended";
import { createHost, readConfiguration } from "dynreg/host";
import { Orders } from "dynreg/orders";
import { start } from "dynreg/start";

const configuration = readConfiguration();
const orders = new Orders();
const host = attended(createHost(), configuration, (order) => orders.give(order));

// A configuration that cannot be read has been logged by then, and there is nothing left to try.
start(host, configuration, undefined, orders).catch(() => {});
