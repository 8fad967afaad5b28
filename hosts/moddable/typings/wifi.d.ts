/** SDK modules/io/wifi (ECMA-419); newer than the typings on npm. */
declare module "embedded:network/interface/wifi" {
	export default class WiFi {
		constructor(options: { onChanged(property: "connection" | "address"): void });
		/** @throws Error if a scan runs already, or cannot begin */
		scan(options: {
			onFound(network: { SSID: string; RSSI: number; channel: number; security: string }): void;
			onComplete(): void;
		}): void;
		disconnect(): void;
		/** @throws Error while it is connecting already */
		connect(options: { SSID: string; password?: string; secure?: boolean }): void;
		/** 200 not connected, 300 connecting, 400 connected, 500 with an IP address. */
		readonly connection: number;
		/** "a4:d1:8c:db:c0:20", in either case. */
		readonly MAC: string | undefined;
	}
}
