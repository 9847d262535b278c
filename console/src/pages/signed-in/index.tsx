import { useEffect, useRef } from "react";
import { Navigate, useNavigate, useSearchParams } from "react-router";
import { Outside } from "../../app/Outside";
import { Trouble } from "../../parts/Trouble";
import { Waiting } from "../../parts/Waiting";
import { useSubmit } from "../../parts/useSubmit";
import { wanted } from "../../session/elsewhere";
import { signInByCode } from "../../session/portal";

/** Where the browser comes back to that was sent to GitHub or Google: its code becomes a session (PORT-3). */
export default function SignedIn() {
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const code = params.get("code");
  const begun = useRef(false);
  const arriving = useSubmit(async () => {
    await signInByCode(code ?? "");
    // Nothing of the code stays in the address.
    navigate(wanted(), { replace: true });
  });
  useEffect(() => {
    // The code is good once.
    if (begun.current || code === null) return;
    begun.current = true;
    void arriving.run();
  });
  if (code === null) return <Navigate to="/" replace />;
  return (
    <Outside title="Sign in">
      {arriving.error === undefined ? <Waiting what="You are being signed in" /> : <Trouble error={arriving.error} />}
    </Outside>
  );
}
