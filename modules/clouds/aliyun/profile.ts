/** Alibaba Cloud, for commands and documents. Desktop only: no image links this. */

import type { ProfileWith } from "../../contracts/cloud-profile.js";
import { messages } from "./messages.js";
import { aliyunSchema } from "./schema.js";

export const profile: ProfileWith<typeof aliyunSchema> = {
	...aliyunSchema,
	aliases: ["ali", "alibaba", "alibabacloud", "alicloud"],
	domains: ["aliyuncs.com"],
	productSecretLength: 16,
	deviceSecret: { pattern: "^[A-Za-z0-9]{32}$", description: "a DeviceSecret, which has 32 characters" },
	deviceImport: {
		// The console's template has a first row that must stay, and names in the first column from the second row on
		// ("Create multiple devices at a time").
		header: "DeviceName",
		// `BatchCheckDeviceNames`, vendor documentation.
		rows: 10_000,
		unnecessary: ({ authType }) =>
			authType === "regnwl" ? "the boards of a registration-free product may have any name" : undefined,
	},
	messages,
	// Those of LinkSDK for C 4.2.0, and the public root's successor, so that a server may move on.
	roots: [
		{
			name: "globalsign-root-ca",
			subject: "GlobalSign Root CA (R1)",
			vouchesFor: "broker at 443 and 1883, registration, all regions",
			sha256: "ebd41040e4bb3ec742c9e381d31ef2a41a48b6685c96e7cef3c1df6cd4331c99",
			expires: "2028-01-28",
			source: { sdk: "ca22.der" },
		},
		{
			name: "globalsign-root-r3",
			subject: "GlobalSign Root CA - R3",
			vouchesFor: "the same, its successor",
			sha256: "cbb522d7b7f127ad6a0113865bdf1cd4102e7d0759af635a7cf4720dc963c53b",
			expires: "2029-03-18",
			source: { sdk: "ca215.der" },
		},
		{
			name: "alibaba-iot-root",
			subject: "Alibaba IoT Root CA",
			vouchesFor: "broker at 8883, all regions",
			// As much as is known of it; the certificate itself is in the vendor's newer SDKs.
			sha256: "7ca438a3976b5242",
			expires: "2053-07-04",
			source: { publishedAt: "Alibaba's Link SDK for C from 4.2.0 on (external/ali_ca_cert.c)" },
		},
	],
};
