/** Every page there is: its address `#/name/…`, and where its module is. How one is added says main.js. */

export const pages = [
  { name: "sign-in", title: "Sign in", open: true, load: () => import("./pages/sign-in.js") },
  { name: "register", title: "Create an account", open: true, load: () => import("./pages/register.js") },
  { name: "forgot", title: "Forgotten password", open: true, load: () => import("./pages/forgot.js") },

  { name: "files", title: "Files", icon: "folder", style: "files.css", load: () => import("./pages/files.js") },
  { name: "links", title: "Shared links", icon: "link", style: "people.css", load: () => import("./pages/links.js") },
  { name: "trash", title: "Trash", icon: "trash", style: "files.css", load: () => import("./pages/trash.js") },
  { name: "profile", title: "Your account", label: "Account", icon: "person", style: "people.css", load: () => import("./pages/profile.js") },
  { name: "security", title: "Security", under: "profile", style: "people.css", load: () => import("./pages/security.js") },
  { name: "sessions", title: "Sessions", under: "profile", style: "people.css", load: () => import("./pages/sessions.js") },
  { name: "webhooks", title: "Webhooks", under: "profile", style: "people.css", load: () => import("./pages/webhooks.js") },
  { name: "admin", title: "Administration", label: "Admin", icon: "shield", scope: "admin", style: "people.css", load: () => import("./pages/admin.js") },
];

export const FIRST = "files";
export const SIGN_IN = "sign-in";
