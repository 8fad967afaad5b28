export { Socket } from "socket";
