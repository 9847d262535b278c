// A tag with `x-id` opens a section: it is shown as a heading, above its operations if it is a resource too.
const sections = (system) => ({
  wrapComponents: {
    OperationTag: (OperationTag) => (props) => {
      const { createElement, Fragment } = system.React;
      const section = props.tagObj.getIn(["tagDetails", "x-id"]);
      const heading = section && createElement("h2", { className: "section" }, section.replace(/(?<=[a-z])(?=[A-Z])/g, " "));
      const resource = props.tagObj.get("operations").size > 0 && createElement(OperationTag, props);
      return createElement(Fragment, null, heading, resource);
    },
  },
});

// Shows the document of the server that the page comes from.
window.addEventListener("load", () => {
  SwaggerUIBundle({
    url: "/v1/openapi/v3",
    domNode: document.getElementById("reference"),
    presets: [SwaggerUIBundle.presets.apis],
    plugins: [sections],
    deepLinking: true,
    displayOperationId: true,
    displayRequestDuration: true,
    docExpansion: "none",
    filter: true,
    defaultModelsExpandDepth: 0,
    persistAuthorization: false,
    validatorUrl: null,
  });
});
