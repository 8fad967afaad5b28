/**
 * Replaces the SDK's WebSocket (7 KB of flash), which its MQTT client imports but uses only for a broker with a path. An
 * application that needs the SDK's own must not include `manifest_no_websocket.json`.
 */
export class Client {
	constructor() {
		throw new Error("this image has no WebSocket");
	}
}
