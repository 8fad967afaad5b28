/** The SDK with its TLS, HTTP, MQTT and preferences, and nothing of this project: what our images are held against. */
export {};
