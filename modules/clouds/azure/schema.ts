/** The keys of a configuration for Azure. Desktop only: no image links this. */

import { type CloudSchema, keepAlive } from "../../configuration/schema.js";

const symmetricKey = { kind: "base64", min: 16, max: 64 } as const;

export const azureSchema = {
	title: "Azure",
	keys: {
		idScope: {
			rule: { kind: "text", min: 1, max: 32 },
			text: "The ID scope of the Device Provisioning Service, from the portal.",
			required: true,
			of: "product",
			question: { text: "ID scope", option: "product" },
		},
		deviceKey: {
			rule: symmetricKey,
			text: "The device's own key: of its individual enrollment, or derived from its group's. `dynreg factory` derives the keys of a batch. A device with a credential does not need it.",
			blank: true,
			of: "device",
			factory: "deviceKey",
			secret: true,
			needed: "A device without a credential registers with its own key, which dynreg factory derives from the group's",
		},
		productSecret: {
			rule: symmetricKey,
			text: "The key of the enrollment group, for `dynreg factory`. On a device it has no effect without `dangerouslyUseGroupKey`.",
			of: "product",
			blank: true,
			secret: true,
		},
		dangerouslyUseGroupKey: {
			rule: { kind: "switch" },
			text: "Lets a device derive its key from `productSecret`. An attacker who reads the group's key in one device can impersonate every device of the group, and the vendor says to keep it off devices. For tests only.",
			default: false,
		},
		deviceName: {
			rule: { kind: "text", min: 1, max: 128, others: "-._:", notLast: "._:" },
			text: "The device's registration id. Capital letters become small ones.",
			defaultText: "the MAC address, 12 hexadecimal digits; on a desktop the computer's",
			of: "device",
			factory: "deviceName",
			question: { text: "Device name (empty: the board's MAC address)", option: "device-name" },
		},
		registrationTransport: {
			rule: { kind: "choice", of: ["https", "mqtt"] },
			text: "How to register.",
			default: "https",
			of: "product",
			factory: "transport",
			former: "via",
		},
		tokenLifetime: {
			rule: { kind: "number", min: 80, max: 31_536_000 },
			text: "Seconds for which each token (SAS) is valid. The device reconnects with another one after 75 to 95 % of this time. The longest that the platform accepts is not established.",
			default: 3600,
		},
		"endpoints.register": {
			rule: {
				kind: "endpoint",
				scheme: "https",
				or: { scheme: "mqtts", key: "registrationTransport", value: "mqtt" },
			},
			text: "The provisioning service.",
			defaultText: "`global.azure-devices-provisioning.net`",
			factory: "register",
		},
		"endpoints.mqtt": {
			rule: { kind: "endpoint", scheme: "mqtts" },
			text: "Where to connect instead of the assigned hub, whose name the device still gives. For a local cloud or a proxy.",
			defaultText: "the hub that registration assigns",
			factory: "mqtt",
		},
		keepAlive: keepAlive(30, 1177),
	},
} as const satisfies CloudSchema;
