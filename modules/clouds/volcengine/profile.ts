/** Volcengine IoT, for commands and documents. Desktop only: no image links this. */

import type { ProfileWith } from "../../contracts/cloud-profile.js";
import { messages } from "./messages.js";
import { volcengineSchema } from "./schema.js";

export const profile: ProfileWith<typeof volcengineSchema> = {
	...volcengineSchema,
	aliases: ["volc", "volcano", "volcanoengine", "volcenginecloud", "huoshan"],
	domains: ["iot.volces.com"],
	// The lengths of secrets are not established.
	deviceImport: {
		header: "DeviceName",
		// The console's limit is not established: the smallest of the other clouds.
		rows: 100,
		unnecessary: ({ authType }) =>
			authType === "no-pre-registration"
				? "the boards of a product with authType no-pre-registration may have any name"
				: undefined,
	},
	messages,
	roots: [
		{
			name: "digicert-global-root-g2",
			subject: "DigiCert Global Root G2",
			vouchesFor: "registration",
			sha256: "cb3ccbb76031e5e0138f8dd39a23f9de47ffc35e43c1144cea27d46a5ab1cb5f",
			expires: "2038-01-15",
			source: { sdk: "ca170.der" },
		},
		{
			// No authority's, but the server's own certificate, trusted as it is.
			name: "volcengine-mqtt",
			subject: "Server certificate (EMQX)",
			vouchesFor: "broker at 8883",
			sha256: "ccf68bca104254385f624c684741f5bbdb9926162f9412a99965bf1cd674812b",
			expires: "2122-12-27",
			source: { publishedAt: "Volcengine's Go SDK (volcengine/vei-iot-sdk-go, arenal/model.go, emqxCA)" },
		},
	],
};
