/**
 * In the place of the SDK's WebSocket, 7 KB of flash that its MQTT client imports, and uses only where the broker is given
 * with a path. An application that needs the SDK's own does not include `manifest_no_websocket.json`.
 */
export class Client {
	constructor() {
		throw new Error("this image has no WebSocket");
	}
}
