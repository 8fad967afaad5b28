import * as server from "./cloud-operations.js";
import * as devices from "./devices.js";
import * as faults from "./faults.js";
import type { Route } from "./operation.js";
import * as products from "./products.js";

/** All operations, in the order of `docs/guides/local-cloud.md`. */
export const routes: readonly Route[] = [
	server.getCloud,
	products.getProducts,
	products.getProduct,
	products.putProduct,
	products.deleteProduct,
	devices.getDevices,
	devices.getDevice,
	devices.putDevice,
	devices.deleteDevice,
	devices.resetDevice,
	devices.rotateDevice,
	devices.revokeDevice,
	devices.disconnectDevice,
	devices.sendMessage,
	server.stopBroker,
	server.startBroker,
	server.getCertificate,
	server.putCertificate,
	server.getTime,
	server.putTime,
	faults.getFaults,
	faults.putFaults,
	faults.postFaults,
	faults.deleteFaults,
	server.restart,
	server.getRequests,
	server.deleteRequests,
];
