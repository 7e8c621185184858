<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en_US">
<context>
    <name>BaselineBar</name>
    <message numerus="yes">
        <source>%Ln value(s) differ</source>
        <translation>
            <numerusform>%Ln value differs</numerusform>
            <numerusform>%Ln values differ</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln call(s) only here</source>
        <translation>
            <numerusform>%Ln call only here</numerusform>
            <numerusform>%Ln calls only here</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln call(s) only there</source>
        <translation>
            <numerusform>%Ln call only there</numerusform>
            <numerusform>%Ln calls only there</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Canvas</name>
    <message numerus="yes">
        <source>%Ln items</source>
        <translation>
            <numerusform>%Ln item</numerusform>
            <numerusform>%Ln items</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln edges</source>
        <translation>
            <numerusform>%Ln edge</numerusform>
            <numerusform>%Ln edges</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Centre</name>
    <message numerus="yes">
        <source>%Ln items are hidden by filters.</source>
        <translation>
            <numerusform>%Ln item is hidden by filters.</numerusform>
            <numerusform>%Ln items are hidden by filters.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Counts</name>
    <message numerus="yes">
        <source>%Ln tensors</source>
        <translation>
            <numerusform>%Ln tensor</numerusform>
            <numerusform>%Ln tensors</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln ops</source>
        <translation>
            <numerusform>%Ln op</numerusform>
            <numerusform>%Ln ops</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln parameters</source>
        <translation>
            <numerusform>%Ln parameter</numerusform>
            <numerusform>%Ln parameters</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln autograd nodes</source>
        <translation>
            <numerusform>%Ln autograd node</numerusform>
            <numerusform>%Ln autograd nodes</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>FindBar</name>
    <message numerus="yes">
        <source>%Ln found</source>
        <translation>
            <numerusform>%Ln found</numerusform>
            <numerusform>%Ln found</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>GraphExport</name>
    <message numerus="yes">
        <source>That would be %Ln pages: choose This pass, or make the code do less.</source>
        <translation>
            <numerusform>That would be %Ln page: choose This pass, or make the code do less.</numerusform>
            <numerusform>That would be %Ln pages: choose This pass, or make the code do less.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>LegendView</name>
    <message numerus="yes">
        <source>%Ln cards: {}</source>
        <translation>
            <numerusform>%Ln card: {}</numerusform>
            <numerusform>%Ln cards: {}</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>MachineView</name>
    <message numerus="yes">
        <source>PyTorch {torch} ({build}), %Ln threads</source>
        <translation>
            <numerusform>PyTorch {torch} ({build}), %Ln thread</numerusform>
            <numerusform>PyTorch {torch} ({build}), %Ln threads</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>OpPlot</name>
    <message numerus="yes">
        <source>and %Ln more: {}</source>
        <translation>
            <numerusform>and %Ln more: {}</numerusform>
            <numerusform>and %Ln more: {}</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>OutputText</name>
    <message numerus="yes">
        <source>… %Ln more characters</source>
        <translation>
            <numerusform>… %Ln more character</numerusform>
            <numerusform>… %Ln more characters</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SearchBar</name>
    <message numerus="yes">
        <source>%Ln found</source>
        <translation>
            <numerusform>%Ln found</numerusform>
            <numerusform>%Ln found</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln folded up</source>
        <translation>
            <numerusform>%Ln folded up</numerusform>
            <numerusform>%Ln folded up</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln not drawn</source>
        <translation>
            <numerusform>%Ln not drawn</numerusform>
            <numerusform>%Ln not drawn</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TimingControls</name>
    <message numerus="yes">
        <source>{number} (%Ln places)</source>
        <translation>
            <numerusform>{number} (%Ln place)</numerusform>
            <numerusform>{number} (%Ln places)</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TimingCounts</name>
    <message numerus="yes">
        <source>%Ln threads</source>
        <translation>
            <numerusform>%Ln thread</numerusform>
            <numerusform>%Ln threads</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Median {median}, IQR {iqr}, %Ln samples</source>
        <translation>
            <numerusform>Median {median}, IQR {iqr}, %Ln sample</numerusform>
            <numerusform>Median {median}, IQR {iqr}, %Ln samples</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TimingView</name>
    <message numerus="yes">
        <source>%Ln figures with this sign may be wrong. Point at one to read why.</source>
        <translation>
            <numerusform>%Ln figure with this sign may be wrong. Point at it to read why.</numerusform>
            <numerusform>%Ln figures with this sign may be wrong. Point at one to read why.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>WhatIfBar</name>
    <message numerus="yes">
        <source>%Ln value(s) differ</source>
        <translation>
            <numerusform>%Ln value differs</numerusform>
            <numerusform>%Ln values differ</numerusform>
        </translation>
    </message>
</context>
</TS>
