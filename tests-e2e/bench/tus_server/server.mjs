// What `@tus/server` is by itself: no accounts, and its files in a folder. Prints its port.

import { FileStore } from "@tus/file-store";
import { Server } from "@tus/server";

const server = new Server({ path: "/uploads", datastore: new FileStore({ directory: process.env.FOLDER }) });
const listening = server.listen(0, "127.0.0.1", () => console.log(listening.address().port));
