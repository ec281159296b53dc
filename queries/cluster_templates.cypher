// title: Prompt templates of a cluster
// question: What do members ask for, and who else asks for it?
// parameter: cluster_id string = "C-7tt6": the cluster
// column: template: the template's key
// column: family: templates that the same accounts send
// column: members: members that sent it
// column: outsiders: other accounts that sent it
// column: operators: how many operators send it, as estimated
// column: prompts: prompts of the members in it
MATCH (c:Cluster)<-[:MEMBER_OF]-(a:Account)-[s:SENT]->(t:PromptTemplate)
WHERE c.cluster_id = $cluster_id
WITH t.key AS template, t.family AS family, t.accounts AS accounts, t.operators AS operators,
     count(DISTINCT a.account_id) AS members, sum(s.uses) AS prompts
RETURN template, family, members, accounts - members AS outsiders, operators, prompts
ORDER BY members DESC, prompts DESC, template
