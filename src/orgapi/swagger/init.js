'use strict';
// The base layout: the other one loads fonts and styles that the content security policy refuses. A token stays in
// this page's memory alone, and no query of a link's may name another document to send it to.
SwaggerUIBundle({
  dom_id: '#swagger-ui',
  url: '/openapi.json',
  presets: [SwaggerUIBundle.presets.apis],
  layout: 'BaseLayout',
  validatorUrl: null,
  persistAuthorization: false,
  queryConfigEnabled: false,
  deepLinking: false,
});
