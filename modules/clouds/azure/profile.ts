/** Azure, for commands and documents. Desktop only: no image links this. */

import type { ProfileWith } from "../../contracts/cloud-profile.js";
import { messages } from "./messages.js";
import { azureSchema } from "./schema.js";
import { derivedKey } from "./token.js";

const servers = "provisioning service and hubs";

export const profile: ProfileWith<typeof azureSchema> = {
	...azureSchema,
	aliases: ["azureiot", "azureiothub", "iothub", "dps", "microsoft"],
	domains: ["azure-devices-provisioning.net", "azure-devices.net"],
	deviceImport: {
		header: "registrationId",
		rows: 1,
		unnecessary: () => "an enrollment group takes every device whose key is derived from the group's",
	},
	derivedKey: {
		key: "deviceKey",
		dangerousSwitch: "dangerouslyUseGroupKey",
		derive: (crypto, secret, deviceName) => derivedKey(crypto, secret, deviceName.toLowerCase()),
	},
	messages,
	timeService: false,
	// Those that the vendor's C SDK names for both services (samples, README). The fourth, of Microsoft with ECC, only a desktop has.
	roots: [
		{
			name: "digicert-global-root-g2",
			subject: "DigiCert Global Root G2",
			vouchesFor: servers,
			sha256: "cb3ccbb76031e5e0138f8dd39a23f9de47ffc35e43c1144cea27d46a5ab1cb5f",
			expires: "2038-01-15",
			source: { sdk: "ca170.der" },
		},
		{
			name: "digicert-global-root-g3",
			subject: "DigiCert Global Root G3",
			vouchesFor: `${servers}, with ECC`,
			sha256: "31ad6648f8104138c738f39ea4320133393e3a18cc02296ef97c2ac9ef6731d0",
			expires: "2038-01-15",
			source: { sdk: "ca171.der" },
		},
		{
			name: "microsoft-rsa-root-2017",
			subject: "Microsoft RSA Root Certificate Authority 2017",
			vouchesFor: `${servers}, the successor`,
			sha256: "c741f70f4b2a8d88bf2e71c14122ef53ef10eba0cfa5e64cfa20f418853073e0",
			expires: "2042-07-18",
			source: { publishedAt: "Microsoft's PKI repository, and in Node" },
		},
	],
};
