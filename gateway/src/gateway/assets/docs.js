// Starts Swagger UI. A file of its own, because the page's policy allows no inline script.
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#documentation",
  deepLinking: true,
  validatorUrl: null, // the default would send the document's address to another host
});
