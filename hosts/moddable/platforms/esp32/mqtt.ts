export { createMqtt } from "dynreg/net/mqtt-ahead";
