import * as server from "./cloud-operations.js";
import { listDevices } from "./device-list.js";
import * as devices from "./devices.js";
import * as faults from "./faults.js";
import * as boards from "./new-boards.js";
import { openApiOperation } from "./openapi.js";
import type { Route } from "./operation.js";
import * as products from "./products.js";
import * as watching from "./watching.js";

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
	listDevices,
	boards.createDevices,
	boards.revealSecret,
	boards.prepareBoard,
	watching.getStateOfDevice,
	watching.getSession,
	watching.streamEvents,
	watching.getTimeline,
	watching.getFleet,
	watching.getPlatforms,
	watching.getFaultKinds,
	watching.getFaultParameters,
	watching.getBroker,
	openApiOperation(() => routes),
];
