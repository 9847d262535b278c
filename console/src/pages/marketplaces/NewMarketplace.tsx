import { Paper, Select, SimpleGrid, Title } from "@mantine/core";
import { CurrentUser, Organizations } from "@ordercloud/portal-javascript-sdk";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { NameAndId } from "../../parts/inputs";
import { SubmitForm } from "../../parts/SubmitForm";
import { Trouble } from "../../parts/Trouble";
import { useSubmit } from "../../parts/useSubmit";
import { usePortal, useRefresh } from "../../session/account";
import { actIn, inPortal } from "../../session/portal";

type Environment = "Sandbox" | "Staging" | "Production" | "Qa";

/** A marketplace in one of the server's regions, of an environment that the account may make there (PORT-5, PORT-6). */
export function NewMarketplace() {
  const { key } = usePortal();
  const navigate = useNavigate();
  const refresh = useRefresh();
  const [name, setName] = useState("");
  const [id, setId] = useState("");
  const [region, setRegion] = useState<string | null>(null);
  const [environment, setEnvironment] = useState<Environment>("Sandbox");
  const regions = useQuery({
    queryKey: [...key, "regions"],
    queryFn: async () => (await inPortal((options) => CurrentUser.ListRegions({ pageSize: 100 }, options))).Items,
    staleTime: 300_000,
  });
  const chosen = regions.data?.find(({ Region }) => Region?.Id === region) ?? regions.data?.[0];
  const environments: Environment[] = [
    "Sandbox",
    ...(chosen?.CanCreateQa ? (["Qa"] as const) : []),
    ...(chosen?.CanCreateProduction ? (["Staging", "Production"] as const) : []),
  ];
  const form = useSubmit(async () => {
    const Id = id.trim() || crypto.randomUUID();
    const made = { Id, Name: name.trim(), Environment: environment, Region: { Id: chosen?.Region?.Id ?? "" } };
    await inPortal((options) => Organizations.Save(Id, made, options));
    await refresh();
    await actIn(await inPortal((options) => Organizations.Get(Id, options)));
    navigate("/");
  });
  return (
    <Paper withBorder p="md" component="section" aria-label="A new marketplace">
      <Title order={2} size="h4" mb="sm">
        A new marketplace
      </Title>
      <SubmitForm form={form} action="Make it" disabled={chosen === undefined}>
        <NameAndId name={name} onName={setName} id={id} onId={setId} />
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <Select
            label="Environment"
            data={environments}
            value={environment}
            onChange={(next) => next && setEnvironment(next as Environment)}
            allowDeselect={false}
          />
          <Select
            label="Region"
            data={(regions.data ?? []).map(({ Region }) => ({ value: Region?.Id ?? "", label: Region?.Name ?? Region?.Id ?? "" }))}
            value={chosen?.Region?.Id ?? null}
            onChange={setRegion}
            allowDeselect={false}
          />
        </SimpleGrid>
        {regions.error !== null && <Trouble error={regions.error} />}
      </SubmitForm>
    </Paper>
  );
}
