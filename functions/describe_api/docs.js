// Draws the description beside this page. A request that is tried goes to the origin that served it.
"use strict";

globalThis.SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#operations",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  // A token is kept no longer than the page is open, and no validator elsewhere sees the description.
  persistAuthorization: false,
  validatorUrl: null,
});
