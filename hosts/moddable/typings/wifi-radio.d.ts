/** SDK modules/network/wifi, what set-up mode uses of it; the SDK's typings lack `station` and the reason. */
declare module "wifi" {
	export default class WiFi {
		/**
		 * @param notify "connect", "gotIP", "disconnect" with -1 if the password was refused or 0; on an ESP32 also
		 *   "station_connect" and "station_disconnect", of the access point
		 */
		constructor(options: undefined, notify: (message: string, reason?: number) => void);
		/** 1: station only. */
		static mode: number;
		/** Ends the station's connection, and on an ESP32 forgets the reason. */
		static disconnect(): void;
		/** @param options `station`: with the station beside it; `max`: phones at a time */
		static accessPoint(options: {
			ssid: string;
			password?: string;
			channel: number;
			max: number;
			station: boolean;
		}): void;
	}
}
